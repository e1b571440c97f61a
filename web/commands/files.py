"""Files that a command writes: each appears whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bottles.errors import Conflict, say


@contextmanager
def in_one_piece(out: Path) -> Iterator[IO[bytes]]:
    """Give a file that takes its name when it is whole, in place of one that may be there.

    Where none can be written, that is said before anything else is done.

    Raises
    ------
    Conflict
        Its folder cannot be written to, or is full.
    """
    piece: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            piece = Path(file.name)
            yield file
            file.flush()
            os.fsync(file.fileno())
        piece.chmod(0o644)
        piece.replace(out)
    except OSError as error:
        raise Conflict(
            say("%(file)s cannot be written (%(why)s): make room or choose another folder."), file=str(out), why=error.strerror
        ) from error
    finally:
        if piece:
            piece.unlink(missing_ok=True)
