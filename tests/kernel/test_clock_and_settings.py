"""The clock moves only where a test may move it; production refuses what would be unsafe."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest

from socialshop.config import BadSetting, Settings, check, secret_key_of
from socialshop.kernel import clock, vault


def test_a_shifted_clock_keeps_ticking():
    moved = clock.clock_from("+15d")()
    assert timedelta(days=15) - timedelta(seconds=5) < moved - datetime.now(UTC) < timedelta(days=15, seconds=5)


def test_a_clock_in_a_file_is_read_at_each_call(tmp_path):
    hand = tmp_path / "clock"
    hand.write_text("2026-06-01T10:00:00+07:00")
    tell = clock.clock_from(f"file:{hand}")
    assert tell() == datetime(2026, 6, 1, 3, tzinfo=UTC)
    hand.write_text("2026-07-01T00:00:00Z")
    assert tell() == datetime(2026, 7, 1, tzinfo=UTC)


def test_an_instant_needs_an_offset():
    with pytest.raises(ValueError, match="offset"):
        clock.instant("2026-06-01T10:00:00")


@pytest.mark.parametrize("env", ["production", "development"])
@pytest.mark.parametrize(
    "switch", [{"clock": "+1d"}, {"fault": "ledger.before_commit:kill"}, {"fetch_loopback": True}, {"password_cost": "cheap"}]
)
def test_test_switches_are_refused_elsewhere(env, switch):
    with pytest.raises(BadSetting, match="SOCIALSHOP_ENV=test"):
        check(Settings(env=env, base_url="https://shop.example", **switch))


@pytest.mark.parametrize(
    ("needs", "said", "module"),
    [
        ({"database_url": "postgresql://shop@127.0.0.1/shop"}, r"DATABASE_URL .*\[postgres\]", "psycopg"),
        ({"ratelimit_storage": "redis://127.0.0.1/0"}, r"REDIS_URL .*\[redis\]", "redis"),
        ({"click_store": "clickhouse://127.0.0.1:8123/clicks"}, r"CLICK_STORE .*\[clickhouse\]", "clickhouse_connect"),
    ],
)
def test_a_setting_that_needs_an_extra_says_which(monkeypatch, needs, said, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BadSetting, match=said):
        check(Settings(**needs))


def test_production_needs_https():
    with pytest.raises(BadSetting, match="https://"):
        check(Settings(env="production", base_url="http://shop.example"))


def test_the_secret_key_is_made_once_and_kept_private(tmp_path):
    settings = Settings(instance=tmp_path)
    assert secret_key_of(settings) == secret_key_of(settings)
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_secrets_survive_a_rotation_of_keys():
    vault.use_keys(["old"])
    sealed = vault.seal("1234567890")
    vault.use_keys(["new", "old"])
    assert vault.unseal(sealed) == "1234567890"
    resealed = vault.reseal(sealed)
    vault.use_keys(["new"])
    assert vault.unseal(resealed) == "1234567890"
