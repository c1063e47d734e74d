"""Run time: definitions become screens, approvals and postings.

The rooms, from the ground up (imports point down this list, `pyproject.toml` checks it):

kernel        posting and costing, sealed; only `posting` opens its door
infra         database, exact columns, errors, users, sessions, jobs, audit, files
definitions   what an app is: frozen dataclasses and their JSON Schemas
formula       one expression language: text, tree, value
kinds         field types, workflow nodes, formula functions: one file each
compile       AppDef -> App: every name resolved once
access        who may do what
catalogue     the published apps
query         reading rows
workflow      approvals: a pure engine and its storage
posting       documents to the kernel and back
documents     the one write path
exchange      workbooks
screens, api  HTML for people, JSON for machines
app, cli, tasks
"""
