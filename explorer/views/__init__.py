"""Pictures. They know neither the session nor torch."""
