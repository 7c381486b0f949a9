"""The same package, installed by pip while ``gigneo run`` serves, over real sockets."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from gigneo.testing.http import Person
from gigneo.testing.servers import Server

PASSWORD = "demo-demo-demo"


def test_a_wheel_installed_by_pip_joins_and_leaves_a_running_server(
    demo_home: Path, tmp_path: Path, packages: Path, install: Callable[[], None]
) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    server = Server(home, environment={"PYTHONPATH": str(packages), "GIGNEO_LOG__LEVEL": "error"}).start()
    try:
        admin = Person(server.port, 90).log_in("admin@demo.example", PASSWORD)
        employer = Person(server.port).log_in("employer@demo.example", PASSWORD)
        found = re.search(r"/orders/(\d+)", employer.get("/dashboard/orders/services").text)
        assert found
        tab = f"{found.group()}/extras"
        assert employer.get(tab).status == 404
        install()
        assert admin.post("/admin/modules/look", {}, page="/admin/modules").status == 303
        assert "Found: Extras." in admin.get("/admin/modules").text
        assert employer.get(tab).status == 404
        enabled = admin.post("/admin/modules/extras/enable", {}, page="/admin/modules/extras/enable")
        assert enabled.status == 303, enabled.text
        shown = employer.get(tab)
        assert shown.status == 200 and 'id="extras-tab"' in shown.text and "extras-footer" in employer.get("/services").text
        disabled = admin.post("/admin/modules/extras/disable", {}, page="/admin/modules/extras/disable")
        assert disabled.status == 303, disabled.text
        assert employer.get(tab).status == 404 and "extras-footer" not in employer.get("/services").text
        admin.close()
        employer.close()
    finally:
        server.stop()
