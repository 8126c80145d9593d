"""What a terminal shows beside a differential: what to find out next, and two diseases side by side."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kg import Snapshot
from retrieval import Outlook

from .comparing import Pair
from .question_words import question_text, reason


def show_questions(outlook: Outlook, snapshot: Snapshot) -> None:
    """The best questions and tests with what they are expected to tell, and why."""
    if not outlook.questions:
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print("\nTo find out next")
    for n, item in enumerate(outlook.questions, start=1):
        console.print(f"  {n}. {escape(question_text(item, snapshot))} [dim]({item.cost}, {item.bits:.2f} bits)[/]")
        console.print(f"     [dim]{escape(reason(item, snapshot))}[/]")


def show_comparison(pair: Pair, snapshot: Snapshot) -> None:
    """Each finding's log likelihood ratio in two diseases, and the rules that they violate."""
    console = Console(highlight=False)
    table = Table(title="\nSide by side", title_justify="left", box=None, pad_edge=False)
    table.add_column("finding")
    for diagnosis in (pair.first, pair.second):
        table.add_column(escape(f"{diagnosis.label} (rank {diagnosis.ranked.rank})"), justify="right")
    for curie, left, right in pair.rows():
        table.add_row(escape(snapshot.label(curie)), f"{left:+.1f}", f"{right:+.1f}")
    totals = (f"{item.ranked.score:+.1f}" for item in (pair.first, pair.second))
    table.add_row("[bold]sum[/]", *totals)
    console.print(table)
    for diagnosis in (pair.first, pair.second):
        for result in diagnosis.violations:
            console.print(f"  [red]{escape(diagnosis.label)}[/]: {escape(result.message)}", soft_wrap=True)
