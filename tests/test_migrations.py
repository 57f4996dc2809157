"""The steps lead to exactly what the models say, on both databases; a newer database is refused."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from socialshop.app import create_app
from socialshop.config import Settings
from socialshop.domain.ledger.triggers import statements
from socialshop.kernel import schema
from socialshop.kernel.database import Base, db


@pytest.fixture
def empty(tmp_path, request):
    url = request.getfixturevalue("empty_postgresql") if request.config.getoption("--database") == "postgresql" else ""
    app = create_app(Settings(env="test", instance=tmp_path, database_url=url, secret_key="k" * 32, mailer="locmem"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_the_steps_lead_to_the_models(empty):
    assert schema.upgrade() == schema.head()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "target_metadata": Base.metadata})
        assert compare_metadata(context, Base.metadata) == []


def test_the_steps_are_named_in_their_order():
    walked = [step.revision for step in ScriptDirectory(str(schema.FOLDER)).walk_revisions()]
    assert list(schema._steps()) == walked[::-1]


def test_a_second_upgrade_has_nothing_to_do(empty):
    schema.upgrade()
    assert schema.upgrade() == ""
    assert schema.is_current()


def test_the_guards_in_the_database_are_made_by_the_steps_too(empty):
    schema.upgrade()
    with db.engine.connect() as connection:
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if connection.dialect.name == "sqlite"
            else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        made = {row[0] for row in connection.execute(text(query))}
        wanted = {
            words.split()[words.split().index("TRIGGER") + 1]
            for words in statements(connection.dialect.name)
            if "CREATE" in words and "TRIGGER " in words and "FUNCTION" not in words.split("TRIGGER")[0]
        }
    assert wanted
    assert wanted <= made


def test_down_and_up_again(empty):
    schema.upgrade()
    schema.downgrade_to_nothing()
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    assert schema.upgrade() == schema.head()


def test_a_database_of_a_newer_program_is_refused(empty):
    schema.upgrade()
    with db.engine.connect().execution_options(writing=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
        connection.commit()
    with pytest.raises(schema.TooNew, match="newer socialshop"):
        schema.demand_current()
    with pytest.raises(schema.TooNew):
        schema.upgrade()


def test_an_old_database_is_refused_until_it_is_migrated(empty):
    with pytest.raises(schema.SchemaProblem, match="socialshop migrate"):
        schema.demand_current()
