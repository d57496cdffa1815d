"""What was found wrong or odd in a file, collected, with a cap on what is kept."""

from dataclasses import dataclass, field

KEPT = 5_000  # problems kept, to be looked at page by page; the rest is counted
SHOWN = 200  # of those, how many a terminal shows
_VALUE_LENGTH = 40  # characters of a cell that a message repeats: enough to find it, too few to leak a note
_COLUMN_LENGTH = 120  # characters of a column name: those of one sheet often begin alike


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that keeps a file from being saved.

    Attributes:
        line: Line in the file, counted from 1; 0 for the file as a whole.
        column: The column's name as the file writes it, or empty for the row as a whole.
        value: The cell, shortened.
        reason: What is wrong, as the end of a sentence that begins with the value.
        advice: What to do about it.
    """

    line: int
    column: str
    value: str
    reason: str
    advice: str

    def sentence(self) -> str:
        """The problem in one line for a person."""
        where = f"Line {self.line}" if self.line else "The file"
        where += f", column “{self.column}”" if self.column else ""
        return f"{where}: {f'“{self.value}” ' if self.value else ''}{self.reason}. {self.advice}"


@dataclass(slots=True)
class Findings:
    """Collects problems and warnings while rows are read.

    Attributes:
        problems: The first `KEPT` problems.
        total: All of them.
        contradictions: How many of them are rows that contradict another row of the same file.
        leaves_out: Whether rows that contradict each other are left out, which a person chose, and so are no problem.
        left_out: The first of those, each with its line.
        left_out_count: All of those.
        warnings: What was done or left out without keeping the file from being saved, each once with its count.
    """

    problems: list[RowProblem] = field(default_factory=list)
    total: int = 0
    contradictions: int = 0
    leaves_out: bool = False
    left_out: list[RowProblem] = field(default_factory=list)
    left_out_count: int = 0
    warnings: dict[str, int] = field(default_factory=dict)

    def problem(self, line: int, column: str, value: str, reason: str, advice: str) -> None:
        """Adds a problem, or only counts it once `KEPT` are kept."""
        self.total += 1
        if len(self.problems) < KEPT:
            self.problems.append(RowProblem(line, column[:_COLUMN_LENGTH], shortened(value), reason, advice))

    def contradiction(self, line: int, column: str, value: str, reason: str) -> None:
        """Adds a row that contradicts an earlier one of the file; no choice of ours says which of them is right."""
        if not self.leaves_out:
            self.contradictions += 1
            self.problem(line, column, value, reason, "Keep the row that is right and remove the other.")
            return
        self.left_out_count += 1
        if len(self.left_out) < SHOWN:
            self.left_out.append(
                RowProblem(line, column[:_COLUMN_LENGTH], shortened(value), reason, "Both rows were left out.")
            )

    def warn(self, message: str) -> None:
        """Counts one more case of a warning."""
        self.warnings[message] = self.warnings.get(message, 0) + 1

    def told_warnings(self) -> tuple[str, ...]:
        """Each warning with how often it applied."""
        return tuple(
            f"{message} ({times:,} times)" if times > 1 else message for message, times in self.warnings.items()
        )


def shortened(value: str) -> str:
    """A cell as a message may repeat it: one line, printable, forty characters at most."""
    line = "".join(character if character.isprintable() else " " for character in value[: _VALUE_LENGTH + 1]).strip()
    return line if len(line) <= _VALUE_LENGTH else line[: _VALUE_LENGTH - 1] + "…"
