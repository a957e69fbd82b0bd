"""Tables of every shape: keys, inheritance, partitions, names, columns that the database fills."""

from __future__ import annotations

import json
import uuid

import pytest
from django.db import connection

from tests.conftest import Log
from tests.testapp.models import Country, Legacy, Measurement, OrderLine, Parcel, Place, Restaurant, Ticket

pytestmark = pytest.mark.django_db


def execute(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)


def test_multi_table_inheritance_records_each_table_under_its_model(log: Log) -> None:
    restaurant = Restaurant.objects.create(name="Noma", stars=3)
    restaurant.name, restaurant.stars = "Noma 2", 2
    restaurant.save()
    assert [(e.action, e.model, e.object_id, e.changes) for e in log(action="update")] == [
        ("update", "testapp.place", str(restaurant.pk), {"name": ["Noma", "Noma 2"]}),
        ("update", "testapp.restaurant", str(restaurant.pk), {"stars": [3, 2]}),
    ]
    Place.objects.get().delete()
    assert {entry.model for entry in log(action="delete")} == {"testapp.place", "testapp.restaurant"}


def test_uuid_key(log: Log) -> None:
    key = uuid.uuid4()
    Ticket.objects.create(id=key, title="One")
    assert log()[0].object_id == str(key)


def test_text_key(log: Log) -> None:
    Country.objects.create(code="NO", name="Norway")
    assert log()[0].object_id == "NO"


def test_composite_key_is_a_json_array(log: Log) -> None:
    line = OrderLine.objects.create(order="Ä1", position=2, quantity=5)
    OrderLine.objects.filter(pk=line.pk).update(quantity=6)
    assert [json.loads(entry.object_id) for entry in log()] == [["Ä1", 2], ["Ä1", 2]]
    assert log()[1].changes == {"quantity": [5, 6]}


def test_update_of_a_key_goes_on_under_the_new_one_and_names_the_old(log: Log) -> None:
    Country.objects.create(code="NO", name="Norway")
    Country.objects.filter(code="NO").update(code="NN")
    entry = log()[1]
    assert (entry.action, entry.object_id, entry.changes) == ("update", "NN", {"code": ["NO", "NN"]})
    assert entry.details == {"previous_object_id": "NO"}


def test_update_of_many_keys_pairs_old_and_new_rows(log: Log) -> None:
    Country.objects.bulk_create([Country(code=f"A{n}", name=str(n)) for n in range(9)])
    execute("UPDATE testapp_country SET code = 'B' || substr(code, 2)")
    assert [entry.changes for entry in log(action="update")] == [
        {"code": [f"A{n}", f"B{n}"]} for n in range(9)
    ]


def test_swap_of_keys_pairs_old_and_new_rows(log: Log) -> None:
    execute("ALTER TABLE testapp_orderline DROP CONSTRAINT testapp_orderline_pkey")
    OrderLine.objects.bulk_create([OrderLine(order="x", position=n, quantity=n * 10) for n in (1, 2)])
    execute("UPDATE testapp_orderline SET position = 3 - position")
    assert [entry.changes for entry in log(action="update")] == [{"position": [1, 2]}, {"position": [2, 1]}]


def test_generated_columns_and_database_defaults(log: Log) -> None:
    parcel = Parcel.objects.create(width=2, height=3)
    Parcel.objects.filter(pk=parcel.pk).update(width=5)
    created, updated = log()
    assert (created.changes["area"], created.changes["state"]) == (6, "new")
    assert created.changes["registered"].endswith("+00:00")
    assert updated.changes == {"width": [2, 5], "area": [6, 15]}


def test_quoted_names_in_another_schema(log: Log) -> None:
    row = Legacy.objects.create(full_name="Ann")
    Legacy.objects.update(full_name="Ben")
    assert [(e.object_id, e.object_repr, e.changes) for e in log()] == [
        (str(row.pk), "Ann", {"number": row.pk, "full_name": "Ann"}),
        (str(row.pk), "Ben", {"full_name": ["Ann", "Ben"]}),
    ]


@pytest.mark.parametrize("table", ["testapp_measurement", "testapp_measurement_2026"])
def test_partitioned_table_is_recorded_by_whatever_name_it_is_written(table: str, log: Log) -> None:
    execute(f"INSERT INTO {table} (sensor, year, value) VALUES ('a', 2026, 1), ('b', 2026, 2)")
    execute(f"UPDATE {table} SET value = value + 1")
    execute(f"DELETE FROM {table} WHERE sensor = 'a'")
    execute(f"TRUNCATE {table}")
    assert [(e.action, e.model) for e in log()] == [
        (action, "testapp.measurement")
        for action in ["create"] * 2 + ["update"] * 2 + ["delete"] * 2 + ["truncate"]
    ]
    assert log(action="update")[0].changes == {"value": [1, 2]}


def test_new_partition_is_recorded_without_further_ado(log: Log) -> None:
    execute(
        "CREATE TABLE testapp_measurement_2030 PARTITION OF testapp_measurement FOR VALUES FROM (2030) TO (2031)"
    )
    execute("INSERT INTO testapp_measurement_2030 (sensor, year, value) VALUES ('a', 2030, 1)")
    assert [entry.action for entry in log()] == ["create"]


def test_row_that_moves_to_another_partition_is_deleted_and_created(log: Log) -> None:
    Measurement.objects.create(sensor="a", year=2025, value=1)
    Measurement.objects.update(year=2026)
    assert [entry.action for entry in log()][1:] == ["delete", "create"]
