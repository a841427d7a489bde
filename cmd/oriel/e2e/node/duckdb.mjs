// Runs the SQL of its first argument in DuckDB and prints the rows as JSON.
import { DuckDBInstance } from "@duckdb/node-api";

const db = await (await DuckDBInstance.create(":memory:")).connect();
const answer = await db.runAndReadAll(process.argv[2]);
console.log(JSON.stringify(answer.getRowObjectsJson()));
