"""The application over HTTP: authentication, problems, texts, documents; and what stands before it at the edge."""
