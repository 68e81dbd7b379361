"""The registry's database: tables, queries by noun, migrations. SQLite now, PostgreSQL by the same text."""
