"""The application over HTTP: authentication, problems, texts, documents."""
