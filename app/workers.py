"""What a worker process does before its first job."""

from model.compilation import check_own_package


def prepare() -> None:
    """Refuse to work with another project's package named like one of ours."""
    check_own_package("scenarios", "experiments")
