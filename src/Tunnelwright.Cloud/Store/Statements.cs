using Npgsql;

namespace Tunnelwright.Cloud;

/// <summary>Statements of a transaction that go to the database together: one journey instead of one for each.</summary>
internal sealed class Statements(NpgsqlConnection connection)
{
    private readonly NpgsqlBatch _batch = connection.CreateBatch();
    private readonly List<Action?> _whenAffected = [];

    /// <summary>The transaction that they are part of.</summary>
    public NpgsqlConnection Connection => connection;

    /// <summary>Adds a statement.</summary>
    /// <param name="sql">The statement, with @names.</param>
    /// <param name="parameters">An object whose members the names are.</param>
    /// <param name="whenAffected">Done afterwards when the statement changed anything.</param>
    public void Add(string sql, object parameters, Action? whenAffected = null)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var member in parameters.GetType().GetProperties()) command.Parameters.Add(new NpgsqlParameter(member.Name, member.GetValue(parameters) ?? DBNull.Value));
        _batch.BatchCommands.Add(command);
        _whenAffected.Add(whenAffected);
    }

    /// <summary>Runs them in their order.</summary>
    public async Task RunAsync()
    {
        await using (_batch)
        {
            if (_whenAffected.Count > 0) await _batch.ExecuteNonQueryAsync();
            for (var index = 0; index < _whenAffected.Count; index++)
            {
                if (_batch.BatchCommands[index].RecordsAffected > 0) _whenAffected[index]?.Invoke();
            }
        }
    }
}
