using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace Tunnelwright.Cloud;

/// <summary>How much one caller may ask: by token or user, else by address; attempts to sign in by address.</summary>
internal static class RateLimits
{
    public const string SignIn = "sign-in";

    /// <summary>Change feeds, which last: each costs the database a look a second.</summary>
    public const string Feed = "feed";

    private const int FeedsOfACaller = 64;

    public static void Configure(RateLimiterOptions limits, CloudOptions options)
    {
        limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
            context.Features.Get<Caller>()?.Id ?? $"address {context.Connection.RemoteIpAddress}",
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.RequestBurst,
                TokensPerPeriod = Math.Max(1, options.RequestsPerSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
                QueueLimit = 0,
            }));
        limits.AddPolicy(SignIn, context => RateLimitPartition.GetFixedWindowLimiter(
            $"{context.Connection.RemoteIpAddress}",
            _ => new FixedWindowRateLimiterOptions { PermitLimit = options.SignInsPerMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));
        limits.AddPolicy(Feed, context => RateLimitPartition.GetConcurrencyLimiter(
            context.Features.Get<Caller>()?.Id ?? $"address {context.Connection.RemoteIpAddress}",
            _ => new ConcurrencyLimiterOptions { PermitLimit = FeedsOfACaller, QueueLimit = 0 }));
        limits.OnRejected = async (rejected, _) =>
        {
            var seconds = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
            await ProblemWriter.WriteAsync(rejected.HttpContext, new ProblemException(429, "too-many", "Too many requests.") { RetryAfterSeconds = seconds });
        };
    }
}
