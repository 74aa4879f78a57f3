import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs SQL as the login of the URL, with the client that came with Postgres; what it printed. */
export async function psql(url: string, sql: string): Promise<string> {
  const folder = process.env.POSTGRES_BIN;
  const program = folder === undefined ? "psql" : `${folder}/psql`;
  const options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"];
  const { stdout } = await run(program, [...options, "--dbname", url, "--command", sql]);
  return stdout.trim();
}

/** A text as SQL takes it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
