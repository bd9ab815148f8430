using Dapper;
using Npgsql;
using Tunnelwright.Cloud.Contract;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Transactions whose connection ends, or that are in each other's way, on a real PostgreSQL.</summary>
public sealed class DatabaseTests(ClusterFixture cluster)
{
    private const string EndOwn = "select pg_terminate_backend(pg_backend_pid())";

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_transaction_whose_back_end_ends_in_the_middle_is_begun_again(int times)
    {
        await using var database = await WithTableAsync();
        var attempts = 0;
        var result = await database.WriteAsync(
            async connection =>
            {
                attempts++;
                await connection.ExecuteAsync("insert into things (id) values (@attempts)", new { attempts });
                if (attempts <= times) await connection.ExecuteAsync(EndOwn);
                return attempts;
            },
            CancellationToken.None);
        Assert.Equal((times + 1, times + 1), (attempts, result));
        Assert.Equal([times + 1], await ThingsAsync(database));
    }

    [Fact]
    public async Task A_back_end_that_ends_again_and_again_is_the_databases_silence()
    {
        await using var database = await WithTableAsync();
        var attempts = 0;
        var problem = await Assert.ThrowsAnyAsync<NpgsqlException>(() => database.ReadAsync(
            async connection =>
            {
                attempts++;
                return await connection.ExecuteAsync(EndOwn);
            },
            CancellationToken.None));
        Assert.True(StoreSilence.Is(problem), problem.Message);
        Assert.Equal(4, attempts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transaction_whose_back_end_ends_with_its_commit_is_not_done_twice(bool together)
    {
        await using var database = await WithTableAsync();
        var attempts = 0;
        var problem = await Assert.ThrowsAnyAsync<NpgsqlException>(() => database.WriteAsync(
            async connection =>
            {
                attempts++;
                await connection.ExecuteAsync("insert into things (id) values (1)");

                // The commit itself, whose constraint is looked at then, ends the connection; or what goes with it.
                if (together) Database.AtCommit(connection).Add(EndOwn, new { });
                else await connection.ExecuteAsync("insert into last_words default values");
            },
            CancellationToken.None));
        Assert.True(StoreSilence.Is(problem), problem.Message);
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task A_statement_that_may_have_been_carried_out_is_not_done_twice()
    {
        await using var database = await WithTableAsync();
        var attempts = 0;
        var problem = await Assert.ThrowsAnyAsync<NpgsqlException>(() => database.ChangeAsync(
            connection =>
            {
                attempts++;
                return connection.ExecuteAsync($"insert into things (id) values (1); commit; {EndOwn}");
            },
            CancellationToken.None));
        Assert.True(StoreSilence.Is(problem), problem.Message);
        Assert.Equal((1, 1), (attempts, (await ThingsAsync(database)).Count));
    }

    [Fact]
    public async Task Two_transactions_that_wait_for_each_other_both_come_to_their_end()
    {
        await using var database = await WithTableAsync();
        await database.ReadAsync(connection => connection.ExecuteAsync("insert into things (id) values (1), (2)"), CancellationToken.None);
        var attempts = 0;
        using var both = new Barrier(2);
        await Task.WhenAll(CrossAsync(1, 2), CrossAsync(2, 1)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.InRange(attempts, 3, 8);
        Assert.Equal([2, 2], await database.ReadAsync(connection => connection.QueryAsync<int>("select counted from things order by id"), CancellationToken.None));

        Task CrossAsync(int first, int second)
        {
            var begun = false;
            return Task.Run(() => database.WriteAsync(
                async connection =>
                {
                    Interlocked.Increment(ref attempts);
                    await connection.ExecuteAsync("update things set counted = counted + 1 where id = @first", new { first });
                    if (!begun)
                    {
                        begun = true;
                        both.SignalAndWait();
                    }

                    await connection.ExecuteAsync("update things set counted = counted + 1 where id = @second", new { second });
                },
                CancellationToken.None));
        }
    }

    [Theory]
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("08006")]
    [InlineData("25006")]
    [InlineData("53300")]
    [InlineData("55P03")]
    [InlineData("57P01")]
    [InlineData("57P03")]
    [InlineData("58030")]
    public void What_ends_by_itself_is_silence(string state) => Assert.True(StoreSilence.Is(new PostgresException("words", "FATAL", "FATAL", state)));

    [Theory]
    [InlineData("23505")]
    [InlineData("42P01")]
    [InlineData("22P05")]
    public void What_asking_again_does_not_mend_is_none(string state) => Assert.False(StoreSilence.Is(new PostgresException("words", "ERROR", "ERROR", state)));

    [Fact]
    public void Errors_of_our_own_are_none() => Assert.False(StoreSilence.Is(new InvalidOperationException("words")));

    [Fact]
    public async Task A_request_whose_back_end_is_ended_while_it_waits_is_answered_as_if_nothing_had_been()
    {
        await using var service = await TestService.StartAsync(cluster);
        await service.AddNodesAsync(new CustomerGateways(), "zone-a", "zone-b");
        var customer = await service.AddCustomerAsync();
        Task<Connection> asked;
        await using (var store = await service.Database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken))
        await using (var transaction = await store.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await store.ExecuteAsync("select 1 from customers where id = @Id for update", new { customer.Id }, transaction);
            asked = service.Administrator.CreateAsync(customer.Id, Requests.Static(), "once");
            var waiting = await WaiterAsync(service.Database, 0);
            Assert.True(await store.ExecuteScalarAsync<bool>("select pg_terminate_backend(@waiting)", new { waiting }, transaction));
            await WaiterAsync(service.Database, waiting);
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        var made = await asked;
        Assert.Equal(made.Id, Assert.Single((await service.Administrator.GetAsync(Paths.Connections(customer.Id), CloudJson.Default.PageConnection)).Items).Id);
        Assert.Equal(made.Id, (await service.Administrator.CreateAsync(customer.Id, Requests.Static(), "once")).Id);
    }

    /// <summary>The back end that waits for the customer's lock, another than one that did.</summary>
    private static Task<int> WaiterAsync(Database database, int besides) => Eventually.GetAsync(
        () => database.ReadAsync(
            look => look.ExecuteScalarAsync<int>(
                "select coalesce(max(pid), 0) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and pid <> @besides and query like '%customers where id%for no key update%' and query not like '%skip locked%'",
                new { besides }),
            CancellationToken.None),
        pid => pid > 0,
        "a request that waits for the customer");

    private async Task<Database> WithTableAsync()
    {
        var database = new Database(await cluster.NewDatabaseAsync());
        await database.ReadAsync(
            connection => connection.ExecuteAsync(
                """
                create table things (id integer primary key, counted integer not null default 0);
                create table last_words (id integer);
                create function end_own() returns trigger language plpgsql as $f$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(1); return null; end $f$;
                create constraint trigger speak after insert on last_words deferrable initially deferred for each row execute function end_own();
                """),
            CancellationToken.None);
        return database;
    }

    private static async Task<List<int>> ThingsAsync(Database database) => (await database.ReadAsync(connection => connection.QueryAsync<int>("select id from things"), CancellationToken.None)).AsList();
}
