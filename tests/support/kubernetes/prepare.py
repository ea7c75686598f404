"""`python -m support.kubernetes.prepare [program…]`: build Kubernetes' programs before a run needs them."""

import sys

from support.kubernetes import programs


def main() -> None:
    """Build what is named, by default the control plane, and print where it is."""
    programs.say(f"programs: {programs.folder_with(sys.argv[1:] or programs.CONTROL_PLANE)}")


main()
