from .dataset import Amount, Ingredients, make_data
from .extras import PatientCase
