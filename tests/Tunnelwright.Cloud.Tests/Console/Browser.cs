using Microsoft.Playwright;

namespace Tunnelwright.Cloud.Tests;

/// <summary>Chromium, as Debian packages it, without a window.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";

    private readonly IPlaywright _driver;
    private readonly IBrowser _browser;

    private Browser(IPlaywright driver, IBrowser browser) => (_driver, _browser) = (driver, browser);

    /// <summary>Starts it; without Chromium the test is left out and says so.</summary>
    public static async Task<Browser> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not there; scripts/install-packages installs it");
        var driver = await Playwright.CreateAsync();

        // Chromium's own sandbox does not start as root.
        var options = new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = Environment.IsPrivilegedProcess ? ["--no-sandbox", "--disable-gpu"] : ["--disable-gpu"] };
        return new Browser(driver, await driver.Chromium.LaunchAsync(options));
    }

    /// <summary>A page with a session of its own.</summary>
    public async Task<IPage> OpenAsync(Uri address, int width, ColorScheme scheme, bool script = true)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = scheme,
            JavaScriptEnabled = script,
            ReducedMotion = ReducedMotion.Reduce,
        });
        return await context.NewPageAsync();
    }

    /// <summary>Keeps a picture where TUNNELWRIGHT_SCREENSHOTS says, for people to look at.</summary>
    public static async Task KeepAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("TUNNELWRIGHT_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _driver.Dispose();
    }
}
