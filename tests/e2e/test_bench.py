"""`loggia bench`: each scenario, tiny, on Loggia and on everything it is compared with; the facts it reports, not its times."""

import json
import subprocess

import pytest
from loggia.server import binary

SERVERS = ["loggia", "loggia-disk", "inspircd", "ngircd", "ircd-hybrid"]
LOOPS = ["bare", "bare-16"]
NO_FAULTS = {"lost": 0, "doubled": 0, "reordered": 0}


def bench(folder, scenario, *arguments, servers):
    """Runs a scenario once; returns what people are shown and what programs are."""
    folder.mkdir(exist_ok=True)
    figures = folder.parent / "figures.json"
    done = subprocess.run(
        [binary(), "bench", scenario, "--runs", "1", "--directory", str(folder), "--json", str(figures)]
        + ["--server", ",".join(servers), *arguments],
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not any(folder.iterdir()), "what the servers kept is removed"
    return done.stdout, json.loads(figures.read_text())


def by_name(report):
    return {server["name"]: server for server in report["servers"]}


@pytest.mark.parametrize(
    ("scenario", "arguments"),
    [
        ("fanout", ("--members", "20", "--seconds", "1")),
        ("fanout", ("--members", "20", "--seconds", "1", "--rate", "2000")),
        ("rooms", ("--rooms", "5", "--members", "4", "--seconds", "1")),
    ],
    ids=["fanout", "fanout at a rate", "rooms"],
)
@pytest.mark.timeout(180)
def test_everything_is_delivered_once_and_in_order(tmp_path, scenario, arguments):
    shown, report = bench(tmp_path / "data", scenario, *arguments, servers=["all"])
    assert report["faults"] == {name: NO_FAULTS for name in SERVERS + LOOPS}
    assert "Every delivery came once" in shown
    servers = by_name(report)
    assert set(servers) == set(SERVERS + LOOPS)
    for name, figures in servers.items():
        assert name in shown
        assert figures["deliveries_per_second"]["min"] > 100, name
        assert figures["cpu_seconds_per_million"]["min"] > 0, name
        assert figures["resident_mib"]["min"] >= figures["proportional_mib"]["min"] > 0, name
        if "--rate" in arguments:
            assert 0 < figures["p50_ms"]["min"] <= figures["p99_ms"]["min"] <= figures["max_ms"]["min"], name
    assert {(ratio["of"], ratio["to"]) for ratio in report["ratios"]} == {
        ("loggia", other) for other in SERVERS + LOOPS if other != "loggia"
    }
    assert all(ratio["deliveries_per_second"]["median"] > 0 for ratio in report["ratios"])


def test_a_server_that_runs_already_is_measured_from_outside(tmp_path, server):
    address = f"127.0.0.1:{server.port}"
    _, report = bench(tmp_path / "data", "fanout", "--members", "5", "--seconds", "1", servers=[address])
    assert report["faults"] == {address: NO_FAULTS}
    assert by_name(report)[address]["deliveries_per_second"]["min"] > 100
    # Nothing is known of what it uses.
    assert "cpu_seconds_per_million" not in by_name(report)[address]


@pytest.mark.timeout(120)
def test_idle_connections_are_weighed(tmp_path):
    _, report = bench(tmp_path / "data", "idle", "--connections", "200", servers=SERVERS)
    weighed = {(costs["server"], costs["door"]): costs["bytes_per_connection"]["min"] for costs in report["servers"]}
    doors = [(name, door) for name in ("loggia", "loggia-disk") for door in ("plain", "TLS", "WebSocket")]
    assert set(weighed) == set(doors + [(name, "plain") for name in SERVERS[2:]])
    assert all(0 <= weight < 200_000 for weight in weighed.values()), weighed


@pytest.mark.timeout(120)
def test_coming_and_going_is_counted_and_pauses_are_seen(tmp_path):
    arguments = ("--at-once", "8", "--seconds", "1", "--joiners", "50")
    _, report = bench(tmp_path / "data", "churn", *arguments, servers=SERVERS + ["bare"])
    servers = by_name(report)
    assert set(servers) == set(SERVERS + ["bare"])
    for name, figures in servers.items():
        assert figures["cycles_per_second"]["min"] > 1, name
        if name != "bare":
            for what in ("join", "names", "who"):
                # What takes a millisecond is over before the watcher asks.
                assert figures[f"{what}_ms"]["min"] > 0 and figures[f"{what}_pause_ms"]["min"] >= 0, (name, what)


@pytest.mark.timeout(180)
def test_slow_readers_cost_the_others_no_message(tmp_path):
    arguments = ("--members", "10", "--rate", "2000", "--seconds", "1")
    _, report = bench(tmp_path / "data", "slow", *arguments, servers=SERVERS)
    assert report["faults"] == {name: NO_FAULTS for name in SERVERS}
    for name, figures in by_name(report).items():
        assert figures["stopped_p50_ratio"]["min"] > 0 and figures["slow_p50_ratio"]["min"] > 0, name
        assert "stopped_mib" in figures and "slow_mib" in figures, name


def test_what_cannot_be_measured_is_said(tmp_path):
    def refused(*arguments):
        done = subprocess.run([binary(), "bench", *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode in (1, 2), done.stdout
        return done.stderr

    assert "is none of: loggia" in refused("fanout", "--server", "unrealircd")
    assert "cannot start /nowhere/ngircd" in refused("fanout", "--server", "ngircd=/nowhere/ngircd")
