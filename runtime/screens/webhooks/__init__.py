"""The administrator's page of webhooks: who is told what, and how it went."""
