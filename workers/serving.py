"""`python -m workers.serving`: Dramatiq's own command, with every line of its log as JSON, its parent's too."""

import sys

from dramatiq.cli import main

from mendline.log_lines import write_json_lines

if __name__ == "__main__":
    # Whoever comes first gives the root its handler: Dramatiq then leaves it alone, and its processes take it along.
    write_json_lines()
    sys.exit(main())  # type: ignore[no-untyped-call]  # Dramatiq has no types
