namespace Tunnelwright.Cloud;

/// <summary>A message of the outbox, leased for an attempt.</summary>
internal sealed class Message
{
    public long Id { get; init; }

    public required string CustomerId { get; init; }

    public required string Channel { get; init; }

    public required string Recipient { get; init; }

    public required string Subject { get; init; }

    public required string Body { get; init; }

    public int Attempts { get; init; }

    public byte[]? WebhookSecret { get; init; }
}
