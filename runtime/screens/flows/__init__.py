"""How the automations of an app are doing: what ran, what failed, trying again."""
