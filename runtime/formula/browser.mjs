// Reads jobs [{tree, context}] from standard input, writes their results to standard output.
import { readFileSync, writeSync } from "node:fs";

const { evaluate, prepare } = await import(process.argv[2]);
const jobs = JSON.parse(readFileSync(0, "utf8"));
await prepare(jobs.map(({ tree }) => tree));
const results = Buffer.from(JSON.stringify(jobs.map(({ tree, context }) => evaluate(tree, context))));
for (let at = 0; at < results.length; ) at += writeSync(1, results, at);
