"""The registry's database: tables, queries by noun, migrations."""
