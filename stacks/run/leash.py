"""Start the engine so that it never outlives its driver: run as a script, replaced by the engine.

When the driver dies, the kernel sends the engine an interrupt: nothing new starts, the lock is given
back, the plugins are stopped; what was being made is looked up at the next run. Linux only (prctl(2),
PR_SET_PDEATHSIG); elsewhere it changes nothing. Standard library only, and light: it stands in front
of every call of the engine.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(driver: int, command: list[str]) -> None:
    """Tie this process to the driver's life, then become the engine."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != driver:  # it died before the call above
            sys.exit(130)
    # A job in the background is born deaf to interrupts, and would hand that on.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
