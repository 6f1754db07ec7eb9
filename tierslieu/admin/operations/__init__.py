"""What runs behind the pages: jobs with a second try, mails with a preview."""
