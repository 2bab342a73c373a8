"""What happens next: commands handled in one transaction, policies, deadlines and the clock."""
