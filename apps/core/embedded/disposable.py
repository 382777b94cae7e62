"""What tests run by root leave under /var/lib/taperwatch: each of their databases takes 40 MB."""

import shutil
from contextlib import suppress

import psutil

from .cluster import abandoned_clusters
from .postgres import running_server


def throw_away_abandoned() -> int:
    """Remove the clusters of tests whose folder is gone, and stop servers that still run on them. How many."""
    abandoned = abandoned_clusters()
    for cluster in abandoned:
        server = running_server(cluster)
        if server:
            with suppress(psutil.Error):
                server.terminate()
                server.wait(30)
        shutil.rmtree(cluster.folder, ignore_errors=True)
        for note in cluster.folder.parent.glob(f"{cluster.folder.name}.*"):
            note.unlink(missing_ok=True)
    return len(abandoned)
