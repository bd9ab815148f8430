using System.Net;
using System.Net.Mail;

namespace Tunnelwright.Cloud;

/// <summary>Sends mail through the provider's mail server (SMTP, STARTTLS).</summary>
internal sealed class MailSender(CloudOptions options)
{
    private const int PatienceMilliseconds = 20_000;

    /// <summary>Whether there is a mail server.</summary>
    public bool IsConfigured => options.SmtpServer is not null;

    public async Task SendAsync(Message message, CancellationToken cancellationToken)
    {
        var server = options.SmtpServer!.Split(':');
        using var client = new SmtpClient(server[0], int.Parse(server[1])) { EnableSsl = options.SmtpTls, Timeout = PatienceMilliseconds };
        if (options.SmtpUser is { } user) client.Credentials = new NetworkCredential(user, options.SmtpPasswordFile is { } file ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim() : "");
        using var mail = new MailMessage(options.MailFrom, message.Recipient, message.Subject, message.Body);
        mail.Headers.Add("Auto-Submitted", "auto-generated");

        // The same id at every attempt, so that the recipient's side can tell a repetition.
        mail.Headers.Add("Message-ID", $"<outbox-{message.Id}-{message.CustomerId}@{options.MailFrom.Split('@')[1]}>");
        await client.SendMailAsync(mail, cancellationToken).WaitAsync(TimeSpan.FromMilliseconds(PatienceMilliseconds), cancellationToken);
    }
}
