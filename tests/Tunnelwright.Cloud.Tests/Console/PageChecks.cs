using Microsoft.Playwright;

namespace Tunnelwright.Cloud.Tests;

/// <summary>What holds on every page of the console.</summary>
internal static class PageChecks
{
    /// <summary>Texts whose contrast is below WCAG 2.2's 4.5 (3 for large ones), fields without a label, what is wider than the window.</summary>
    private const string Faults = """
        () => {
          const faults = [];
          const numbers = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
          const luminance = ([r, g, b]) => {
            const [x, y, z] = [r, g, b].map((c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
            return 0.2126 * x + 0.7152 * y + 0.0722 * z;
          };
          const behind = (element) => {
            for (let at = element; at; at = at.parentElement) {
              const [r, g, b, alpha = 1] = numbers(getComputedStyle(at).backgroundColor);
              if (alpha > 0.98) return [r, g, b];
            }
            return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
          };
          for (const element of document.body.querySelectorAll('*')) {
            const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent.trim()).join('');
            const box = element.getBoundingClientRect();
            if (!text || box.width < 2 || box.right < 0 || getComputedStyle(element).clipPath !== 'none' || element.disabled || element.tagName === 'OPTION') continue;
            const style = getComputedStyle(element);
            const [one, other] = [luminance(numbers(style.color)), luminance(behind(element))].sort((a, b) => b - a);
            const ratio = (one + 0.05) / (other + 0.05);
            const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
            if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${text.slice(0, 40)}`);
          }
          for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
            if (field.labels.length === 0 && !field.ariaLabel) faults.push(`no label: ${field.name}`);
          }
          if (document.querySelectorAll('main').length !== 1 || document.querySelectorAll('h1').length !== 1) faults.push('not one main and one h1');
          if (document.documentElement.scrollWidth > innerWidth) faults.push(`${document.documentElement.scrollWidth} px wide in ${innerWidth}`);
          return faults;
        }
        """;

    public static async Task AllAsync(IPage page)
    {
        var faults = await page.EvaluateAsync<string[]>(Faults);
        Assert.True(faults.Length == 0, $"{page.Url}: {string.Join("; ", faults)}");
    }
}
