using Dapper;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

public sealed class SessionTests(ClusterFixture cluster)
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task The_console_signs_in_with_a_cookie_and_changes_need_its_header()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        await service.Administrator.PostAsync(Paths.Users(customer.Id), new NewUser("anna@acme.example", Password, Role.Administrator), CloudJson.Default.NewUser, CloudJson.Default.User);
        using var browser = service.ClientOf(null);
        using var wrong = await browser.SendAsync(HttpMethod.Post, Paths.Session, """{"email":"anna@acme.example","password":"not this one, sorry"}""");
        using var unknown = await browser.SendAsync(HttpMethod.Post, Paths.Session, """{"email":"nobody@acme.example","password":"not this one, sorry"}""");
        Assert.Equal((401, 401), ((int)wrong.StatusCode, (int)unknown.StatusCode));

        using var signedIn = await browser.SendAsync(HttpMethod.Post, Paths.Session, $$"""{"email":"Anna@ACME.example","password":"{{Password}}"}""");
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        var pair = cookie.Split(';')[0];
        using var seen = await browser.SendAsync(HttpMethod.Get, Paths.Customer(customer.Id), null, ("Cookie", pair));
        Assert.Equal(200, (int)seen.StatusCode);

        using var forged = await browser.SendAsync(HttpMethod.Post, Paths.Tokens(customer.Id), """{"name":"forged"}""", ("Cookie", pair));
        Assert.Equal(403, (int)forged.StatusCode);
        using var meant = await browser.SendAsync(HttpMethod.Post, Paths.Tokens(customer.Id), """{"name":"meant"}""", ("Cookie", pair), (Headers.Console, "1"));
        Assert.Equal(201, (int)meant.StatusCode);

        using var signedOut = await browser.SendAsync(HttpMethod.Delete, Paths.Session, null, ("Cookie", pair), (Headers.Console, "1"));
        Assert.Equal(204, (int)signedOut.StatusCode);
        using var late = await browser.SendAsync(HttpMethod.Get, Paths.Customer(customer.Id), null, ("Cookie", pair));
        Assert.Equal(401, (int)late.StatusCode);
    }

    [Fact]
    public async Task A_new_password_ends_sessions_and_removed_users_are_out_at_once()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        var user = await service.Administrator.PostAsync(Paths.Users(customer.Id), new NewUser("bob@acme.example", Password, Role.Viewer), CloudJson.Default.NewUser, CloudJson.Default.User);
        using var browser = service.ClientOf(null);
        async Task<string> SignInAsync(string password)
        {
            using var answer = await browser.SendAsync(HttpMethod.Post, Paths.Session, $$"""{"email":"bob@acme.example","password":"{{password}}"}""");
            return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        }

        async Task<int> LookAsync(string cookie)
        {
            using var answer = await browser.SendAsync(HttpMethod.Get, Paths.Session, null, ("Cookie", cookie));
            return (int)answer.StatusCode;
        }

        var first = await SignInAsync(Password);
        Assert.Equal(200, await LookAsync(first));
        using var changed = await service.Administrator.SendAsync(HttpMethod.Patch, $"{Paths.Users(customer.Id)}/{user.Id}", """{"password":"another password"}""", ("If-Match", "\"1\""));
        Assert.Equal((200, 401), ((int)changed.StatusCode, await LookAsync(first)));
        var second = await SignInAsync("another password");
        using var stale = await service.Administrator.SendAsync(HttpMethod.Delete, $"{Paths.Users(customer.Id)}/{user.Id}", null, ("If-Match", "\"1\""));
        Assert.Equal((412, 200), ((int)stale.StatusCode, await LookAsync(second)));
        await service.Administrator.DeleteAsync($"{Paths.Users(customer.Id)}/{user.Id}");
        Assert.Equal(401, await LookAsync(second));
    }

    [Fact]
    public async Task A_token_is_kept_as_a_hash_is_shown_once_and_ends_when_it_is_revoked_or_expires()
    {
        await using var service = await TestService.StartAsync(cluster);
        var customer = await service.AddCustomerAsync();
        var issued = await service.Administrator.PostAsync(Paths.Tokens(customer.Id), new NewApiToken("ci", Role.Operator, DateTimeOffset.UtcNow.AddSeconds(3)), CloudJson.Default.NewApiToken, CloudJson.Default.IssuedToken, "one-token");
        var again = await service.Administrator.PostAsync(Paths.Tokens(customer.Id), new NewApiToken("ci", Role.Operator, issued.Token.ExpiresAt), CloudJson.Default.NewApiToken, CloudJson.Default.IssuedToken);
        Assert.NotEqual(issued.Secret, again.Secret);
        var dump = await service.Database.ReadAsync(async store => string.Join('\n', (await store.QueryAsync<string>("select t::text from tokens t")).Concat(await store.QueryAsync<string>("select encode(response, 'escape') from idempotency"))), CancellationToken.None);
        Assert.DoesNotContain(issued.Secret, dump);
        using var client = service.ClientOf(again.Secret);
        Assert.Equal("ci", (await client.GetAsync(Paths.Session, CloudJson.Default.Session)).Name);
        await service.Administrator.DeleteAsync($"{Paths.Tokens(customer.Id)}/{again.Token.Id}");
        await TestClient.ProblemAsync(401, client.GetAsync(Paths.Session, CloudJson.Default.Session));
        using var other = service.ClientOf(issued.Secret);
        await Eventually.GetAsync(
            async () =>
            {
                using var answer = await other.SendAsync(HttpMethod.Get, Paths.Session);
                return (int)answer.StatusCode;
            },
            status => status == 401,
            "an expired token");
    }

    [Fact]
    public async Task Callers_that_ask_too_much_are_told_to_wait_and_answers_carry_secure_headers()
    {
        await using var service = await TestService.StartAsync(cluster, options => (options.RequestsPerSecond, options.RequestBurst, options.SignInsPerMinute) = (10, 40, 3));
        using var nobody = service.ClientOf(null);
        var attempts = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            using var answer = await nobody.SendAsync(HttpMethod.Post, Paths.Session, """{"email":"a@b.example","password":"guess"}""");
            attempts.Add((int)answer.StatusCode);
        }

        Assert.Equal([401, 401, 401, 429, 429], attempts);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 120).Select(async _ =>
        {
            using var answer = await service.Administrator.SendAsync(HttpMethod.Get, Paths.Devices);
            return ((int)answer.StatusCode, answer.Headers.RetryAfter?.Delta);
        }));
        Assert.Contains(statuses, status => status is (429, { TotalSeconds: >= 1 }));
        Assert.Contains(statuses, status => status.Item1 == 200);
        using var other = await nobody.SendAsync(HttpMethod.Get, Paths.Live);
        Assert.Equal("nosniff", other.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("frame-ancestors 'none'", other.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("no-store", other.Headers.CacheControl!.ToString());
        Assert.False(other.Headers.Contains("Server"));
    }
}
