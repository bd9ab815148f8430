namespace Tunnelwright.Doctor.Tests;

public sealed class NameExaminationTests
{
    [Fact]
    public void Private_addresses_of_names_with_a_domain_are_pinned()
    {
        string[] lines = ["127.0.0.1 localhost", "# 10.8.2.9 old.cloud.example", "10.8.2.99\tapp.cloud.example app", "198.51.100.7 public.example", "nonsense"];
        var pin = Assert.Single(NameExamination.Pinned(lines));
        Assert.Equal(("app.cloud.example", "10.8.2.99", 3L), (pin.Name, pin.Address.ToString(), pin.Line));
    }
}
