"""The network administrator's pages that belong to no feature: jobs and mails."""
