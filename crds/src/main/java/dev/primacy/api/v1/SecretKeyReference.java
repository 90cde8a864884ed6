package dev.primacy.api.v1;

public record SecretKeyReference(String name, String key) {}
