"""Real peers for the end-to-end tests: Kamailio, a softphone in Chromium, a SIP phone."""
