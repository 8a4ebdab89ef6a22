"""Version of the installed project."""

from importlib import metadata


def version() -> str:
    """Return the version, or what says that the project is not installed."""
    try:
        return metadata.version("yangfeng")
    except metadata.PackageNotFoundError:
        return "0+not-installed"
