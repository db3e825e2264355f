"""trivet against moto, for what ministack lacks: automated backups, Marker paging."""
import boto3
import pytest

from peers import clean_env, start_moto, trivet, write

PROFILE = """name: moto
region: us-east-1
accounts:
  - {name: prod, id: "123456789012", kind: production, database: innovate-prod, backup_region: us-west-2}
"""


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moto")
    server, url = start_moto(folder)
    try:
        rds = boto3.client("rds", endpoint_url=url, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
        for i in range(25):
            name = "innovate-prod" if i == 0 else f"other-{i:02}"
            rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20,
                                   MasterUsername="app", MasterUserPassword="not-a-secret-1", MultiAZ=True, BackupRetentionPeriod=7)
        profile = write(folder / "moto.yaml", PROFILE)
        yield clean_env(folder, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", TRIVET_PROFILE=str(profile))
    finally:
        server.stop()


def test_marker_pages(estate):
    done = trivet("call", "rds", "DescribeDBInstances", "--input", '{"MaxRecords": 20}', "--json", env=estate)
    assert done.code == 0, done.err
    names = [d["DBInstanceIdentifier"] for d in done.json["DBInstances"]]
    assert len(names) == 25 and len(set(names)) == 25


def test_one_database_of_many(estate):
    done = trivet("show", "database", "--json", env=estate)
    assert [row["id"] for row in done.json["rows"]] == ["innovate-prod"]


def test_automated_backups(estate):
    done = trivet("call", "rds", "DescribeDBInstanceAutomatedBackups", "--json", env=estate)
    assert done.code == 0, done.err
    assert {b["DBInstanceIdentifier"] for b in done.json["DBInstanceAutomatedBackups"]} >= {"innovate-prod"}


def test_input_is_checked_before_anything_is_sent(estate):
    done = trivet("call", "rds", "DescribeDBInstances", "--input", '{"MaxRecord": 20}', env=estate)
    assert done.code == 2 and 'no member "MaxRecord"' in done.err
    done = trivet("call", "sts", "AssumeRole", env=estate)
    assert done.code == 2 and 'required member' in done.err
