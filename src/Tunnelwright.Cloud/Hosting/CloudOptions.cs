using Tunnelwright.Model;

namespace Tunnelwright.Cloud;

/// <summary>What the service is told at its start. Environment variables TUNNELWRIGHT_CLOUD_NAME set every member too.</summary>
internal sealed class CloudOptions
{
    /// <summary>Where it listens.</summary>
    public string Listen { get; set; } = "http://127.0.0.1:8460";

    /// <summary>The certificate for https (PEM, the whole chain); null for none.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The certificate's key (PEM); null when it stands in the certificate's file.</summary>
    public string? CertificateKeyFile { get; set; }

    /// <summary>Addresses and ranges of proxies before the service, separated by commas, whose X-Forwarded-For and X-Forwarded-Proto count; null for none.</summary>
    public string? TrustedProxies { get; set; }

    /// <summary>PostgreSQL; null starts a private one under <see cref="StateFolder"/>.</summary>
    public string? Database { get; set; }

    /// <summary>Keys, the private PostgreSQL, the first administrator's token.</summary>
    public string StateFolder { get; set; } = "/var/lib/tunnelwright-cloud";

    /// <summary>The requirement profile: outsystems or aws.</summary>
    public string Profile { get; set; } = RequirementProfile.Names[0];

    /// <summary>Whether documentation addresses are public ones: in a lab only.</summary>
    public bool Lab { get; set; }

    /// <summary>How often nodes have to say something, in seconds.</summary>
    public double HeartbeatSeconds { get; set; } = 5;

    /// <summary>Silence of a node after which its endpoints move, in seconds.</summary>
    public double SilentAfterSeconds { get; set; } = 20;

    /// <summary>How long traffic may take to leave an endpoint whose MED was raised, in seconds.</summary>
    public double DrainSeconds { get; set; } = 15;

    /// <summary>Requests a second that one caller may make for long.</summary>
    public int RequestsPerSecond { get; set; } = 200;

    /// <summary>Requests that one caller may make at once.</summary>
    public int RequestBurst { get; set; } = 1000;

    /// <summary>Attempts to sign in that one address may make in a minute.</summary>
    public int SignInsPerMinute { get; set; } = 10;

    /// <summary>How long a console's session lasts without being renewed, in hours.</summary>
    public double SessionHours { get; set; } = 12;

    /// <summary>The mail server as HOST:PORT; null sends no mail.</summary>
    public string? SmtpServer { get; set; }

    /// <summary>Whether the mail server must speak TLS (STARTTLS).</summary>
    public bool SmtpTls { get; set; } = true;

    /// <summary>The mail server's user; null for none.</summary>
    public string? SmtpUser { get; set; }

    /// <summary>The mail server's password, as a file of mode 0600.</summary>
    public string? SmtpPasswordFile { get; set; }

    /// <summary>The sender of mail.</summary>
    public string MailFrom { get; set; } = "vpn@localhost.localdomain";

    /// <summary>Whether webhooks may go to http and to private addresses: where the service and its customers share a network.</summary>
    public bool PrivateWebhooks { get; set; }

    /// <summary>First pause between attempts to deliver a notification, in seconds; it doubles, an hour at most.</summary>
    public double RetrySeconds { get; set; } = 10;

    /// <summary><see cref="SilentAfterSeconds"/> as a time span.</summary>
    public TimeSpan Silent() => TimeSpan.FromSeconds(SilentAfterSeconds);

    /// <summary>What is wrong with the values; empty when nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var url in Listen.Split(';'))
        {
            if (!Uri.TryCreate(url.Replace("//*", "//any", StringComparison.Ordinal).Replace("//+", "//any", StringComparison.Ordinal), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                yield return $"'{url}' is no address to listen on, such as http://127.0.0.1:8460";
        }

        if (!RequirementProfile.Names.Contains(Profile, StringComparer.OrdinalIgnoreCase)) yield return $"there is no profile '{Profile}'; the profiles are {string.Join(", ", RequirementProfile.Names)}";
        foreach (var wrong in Proxies.Wrong(TrustedProxies ?? "")) yield return $"'{wrong}' is no address or range of a trusted proxy, such as 192.0.2.10 or 192.0.2.0/28";
        if (HeartbeatSeconds <= 0 || SilentAfterSeconds <= HeartbeatSeconds) yield return "a node is silent after more seconds than a heartbeat";
        if (DrainSeconds < 0 || RetrySeconds <= 0 || SessionHours <= 0) yield return "times are above 0";
        if (RequestsPerSecond < 1 || RequestBurst < RequestsPerSecond || SignInsPerMinute < 1) yield return "the burst of requests is at least what a second allows, and both are above 0";
        if (SmtpServer is { } smtp && (smtp.Split(':') is not [_, var port] || !ushort.TryParse(port, out _))) yield return $"'{smtp}' is no mail server as HOST:PORT";
        if (!MailAddress.IsValid(MailFrom)) yield return $"'{MailFrom}' is not a valid sender";
    }
}
