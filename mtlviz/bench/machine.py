"""Where a benchmark ran: without it no number means anything."""

import datetime
import os
import platform
from importlib import metadata
from pathlib import Path

_PACKAGES = ("mtlviz", "torch", "transformers", "torchjd", "numpy", "scipy", "streamlit", "plotly")


def machine(*, threads: int, rounds: int) -> dict[str, object]:
    """Date, processor, load, GPU, versions, and how was measured, as plain values."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "gpu": gpu(),
        "python": platform.python_version(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
        "threads": threads,
        "rounds": rounds,
    }


def sentence(about: dict[str, object]) -> str:
    """The machine in one line."""
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    where = about["gpu"] or "no CUDA device"
    load = "" if about["load"] is None else f", load {about['load']} before"
    return (
        f"{about['date']}: {about['cores']} cores ({about['processor']}){load}; {where}; "
        f"Python {about['python']}, {versions}; {about['threads']} thread(s), "
        f"{about['rounds']} rounds"
    )


def gpu() -> str | None:
    """Name of the first CUDA device, or None."""
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
