//! The one door to the network: requests, credentials, origins, retries, discovery. It never sees a roster.
