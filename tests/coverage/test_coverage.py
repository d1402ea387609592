"""The runner itself: what it must not let pass."""

import unittest

import coverage

TABLE = """
Words. | no table |

| row | fact | UCWA | simulator without |
|---|---|---|---|
| `a.name` | a name \\| a title | `lib::one`, `session::two::three` | `property a.name` |
| `a.role` | a role | not yet (`lib::half`) | |
| `a.empty` | nothing | | |

| word | meaning |
|---|---|
| `x` | no row |
"""


class Table(unittest.TestCase):
    def test_rows_are_read_from_tables_with_a_dialect(self) -> None:
        found = coverage.rows(TABLE)
        self.assertEqual([row.name for row in found], ["a.name", "a.role", "a.empty"])
        self.assertEqual(found[0].tests, ["lib::one", "session::two::three"])
        self.assertEqual(found[0].without, ["property a.name"])
        self.assertEqual([row.not_yet for row in found], [False, True, False])

    def test_a_second_dialect_is_a_column(self) -> None:
        table = TABLE.replace("| UCWA |", "| UCWA | Trusted Application API |").replace("|---|---|---|---|", "|---|---|---|---|---|")
        found = coverage.rows(table)
        self.assertEqual({row.dialect for row in found}, set(coverage.DIALECTS))

    def test_a_row_without_a_test_is_wrong(self) -> None:
        self.assertEqual(coverage.faults_of_the_table(coverage.rows(TABLE)), ["a.empty: no test"])

    def test_a_row_that_stands_twice_is_wrong(self) -> None:
        twice = coverage.rows(TABLE)[:1] * 2
        self.assertEqual(coverage.faults_of_the_table(twice), ["a.name: stands there 2 times"])

    def test_an_empty_table_is_wrong(self) -> None:
        self.assertTrue(coverage.faults_of_the_table(coverage.rows("")))


class Runs(unittest.TestCase):
    def test_what_was_not_run_or_did_not_pass_is_wrong(self) -> None:
        output = "test a ... ok\ntest b ... FAILED\ntest c ... ignored\ntest d - should panic ... ok\n"
        results = dict(coverage.RESULT.findall(output))
        wrong = coverage.faults_of_a_run(["a", "b", "c", "d", "e"], results)
        self.assertEqual(wrong, {"b": "FAILED", "c": "ignored", "e": "there is no such test"})

    def test_tests_are_grouped_by_their_programs(self) -> None:
        python = "bindings/python/tests/test_x.py::test_y"
        groups = coverage.by_target({"lib::a::b", "lib::c", "session::d", python})
        self.assertEqual(groups, {"lib": ["a::b", "c"], "session": ["d"], "pytest": [python]})

    def test_one_bad_test_makes_its_row_wrong_and_the_end_too(self) -> None:
        found = coverage.rows(TABLE)[:1]
        self.assertEqual(coverage.report(found, {}, []), 0)
        self.assertEqual(coverage.report(found, {"lib::one": "FAILED"}, []), 1)


if __name__ == "__main__":
    unittest.main()
