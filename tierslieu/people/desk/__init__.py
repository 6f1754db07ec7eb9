"""The desk: finding and registering people at one venue, without e-mail, in ten seconds."""
