using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;

namespace Tunnelwright.Cloud;

/// <summary>Puts the console together: pages that the server renders, over the very handlers of the API.</summary>
internal static class ConsoleHost
{
    public static void Add(IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddAntiforgery(forms =>
        {
            forms.Cookie.Name = "tunnelwright-form";
            forms.Cookie.SameSite = SameSiteMode.Strict;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            forms.SuppressXFrameOptionsHeader = true;
        });

        // The ring that all replicas have protects forms too; the framework's own would be a second one, in the home folder.
        foreach (var own in services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Namespace?.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal) == true).ToArray()) services.Remove(own);
        services.AddSingleton<IDataProtectionProvider>(provider => new KeyRingProtection(provider.GetRequiredService<KeyRing>(), "console"));
        services.AddSingleton<PageFrames>();
    }

    public static void Map(WebApplication app)
    {
        app.MapGet("/", () => Results.Redirect(ConsolePaths.Root)).For(Audience.Anyone).ExcludeFromDescription();
        ConsoleAssets.Map(app);
        var pages = app.MapGroup(ConsolePaths.Root).ExcludeFromDescription().WithMetadata(new GuardedForm()).AddEndpointFilter(GuardAsync);
        SessionPages.Map(pages);
        CustomerPages.Map(pages);
        ConnectionPages.Map(pages);
        ConnectionForms.Map(pages);
        JournalPages.Map(pages);
        NodePages.Map(pages);
        AccessPages.Map(pages);
        SettingsPages.Map(pages);
    }

    private static async ValueTask<object?> GuardAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) return await next(call);
        try
        {
            await context.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            throw new ProblemException(400, "form", "This form is too old.", "Open its page again and send it once more; what it asks for was not done.");
        }

        return await next(call);
    }
}

/// <summary>Marks endpoints whose forms carry a token of their own (<see cref="ConsoleHost"/> looks at it before every handler).</summary>
internal sealed class GuardedForm;
