using Lamina.Tensors;

namespace Lamina.Tasks.Texts;

/// <summary>
/// Synthetic messages, spam and ham, for trying out: sentences with gaps that are filled at random. The two share words and whole sentences,
/// some messages are misspelt, and a few say nothing that gives them away, so that no classifier gets all of them right.
/// </summary>
internal static class SpamMessages
{
    /// <summary>What they are called.</summary>
    public const string Name = "built-in synthetic messages";

    // The same messages whatever the run's seed, so that runs can be compared.
    private const ulong Seed = 1;
    private const int Number = 5_000;
    private const double SpamShare = 0.2, Vague = 0.03, Misspelt = 0.1, Small = 0.15;

    private static readonly string[] s_ham =
    [
        "{hi} {name}, {plan} {when}?", "{plan} {when}? {name} is coming too.", "Sorry, I'm {late}. {see}", "{see} {when}, I'll bring the {thing}.",
        "Can you {chore} {when}? {thanks}", "{hi}, did you {chore}? {thanks}", "I {felt} the {thing} you sent, {thanks}",
            "{name} says the {event} is {when} now.",
        "Don't forget the {event} {when}. {see}", "Running {late}, start without me. {see}", "{hi} mum, {fine}. Call you {when}.",
            "How was the {event}? {fine} here.",
        "Happy birthday {name}! {plan} {when}?", "Your {thing} is at the office, {name} has it.",
            "The {event} was great, thanks for the {thing}!", "Is {name} home? I have the {thing} with me.",
        "I won {prize} at the {event}, can you believe it?", "The bank called about the {thing}, can you call them {when}?",
            "Free {when}? {plan}?", "Did you claim the {thing} back from work?",
        "{fine}, just {felt} the {event}. {see}", "Please text me when you {chore}.",
    ];

    private static readonly string[] s_spam =
    [
        "{win} {prize}! {act} {number} {hurry}.", "Congratulations {name}! {win} {prize}. {act} {link} {hurry}",
            "{brand}: {win} {prize}. {act} {number}. T&Cs apply, {cost}.",
        "URGENT! Your {account} {locked}. {act} {link} {hurry}", "FREE {thing}! Reply YES to {number}. {cost}",
            "{hi} {name}, your {account} {locked}. Confirm your details at {link}",
        "Lowest rates on {product}. {act} {link} today", "{product} for only {money}! No {catch}. {act} {number}",
            "Final notice: your parcel is held. Pay {money} at {link}",
        "You have {count} new voice messages. Call {number}, {cost}", "Earn {money} a week from home, no {catch}. {act} {link}",
            "Hi it's {name}, this is my new number. Can you lend me {money} {when}? {act} {link}",
        "Last chance! {prize} not claimed yet. {act} {number} {hurry}", "Dear customer, a refund of {money} is waiting. {act} {link}",
            "Hot singles near you want to meet {when}. {act} {link}",
        "Double your {money} in {count} days with {product}. {act} {link}",
    ];

    // What either might say.
    private static readonly string[] s_vague = ["Call me on {number} {when}.", "{hi} {name}, have a look: {link}",
        "Your {thing} is ready, {see}", "Reply when you can, {thanks}", "{hi}, {fine}. {see}"];

    private static readonly Dictionary<string, string[]> s_gaps = new()
    {
        ["hi"] = ["Hi", "Hey", "Hello", "Hiya", "Morning", "Yo"],
        ["name"] = ["Anna", "Ben", "Chloe", "Dev", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jun", "Kofi", "Lena", "Mateo", "Nora", "Omar", "Priya"],
        ["plan"] = ["fancy a coffee", "shall we go to the cinema", "are you up for dinner", "want to play football", "do you want to come over",
            "shall we meet at the station", "lunch"],
        ["when"] = ["today", "tonight", "tomorrow", "on Friday", "at 7", "this weekend", "after work", "next week", "in an hour", "at noon"],
        ["late"] = ["running late", "stuck in traffic", "still at work", "ten minutes late", "on the bus"],
        ["see"] = ["See you there!", "See you soon.", "Talk later", "Love you x", "Bye :)", "😊", "ok?", "Take care"],
        ["thing"] = ["keys", "tickets", "book", "phone", "charger", "photos", "cake", "report", "umbrella", "ringtone", "voucher", "parcel"],
        ["chore"] = ["pick up the kids", "buy some milk", "feed the cat", "send me the address", "book the table", "call the doctor",
            "lock the door", "get home"],
        ["thanks"] = ["Thanks!", "thank you so much", "cheers", "thx", "You're the best 🙏"],
        ["felt"] = ["loved", "liked", "missed", "forgot", "finished"],
        ["event"] = ["meeting", "party", "match", "concert", "exam", "wedding", "lesson", "interview", "raffle"],
        ["fine"] = ["All good", "I'm fine", "A bit tired", "Busy as ever", "Not bad", "Feeling better"],
        ["win"] = ["You have WON", "You've been selected to receive", "Your number was drawn for", "Winner! You get", "You are entitled to"],
        ["prize"] = ["a £{digits} prize", "a holiday for two", "a new phone", "€{digits} in cash", "a {brand} gift card", "a weekend in Paris"],
        ["act"] = ["Call", "Claim now:", "Text CLAIM to", "Visit", "Click", "Reply to", "Ring"],
        ["number"] = ["0{digits}{digits}{digits}", "8{digits}{digits}", "+44 7{digits} {digits}{digits}"],
        ["link"] = ["http://{brand}-{count}.example/{digits}", "www.{brand}.example", "bit.example/{digits}"],
        ["hurry"] = ["NOW", "within 24 hours", "before midnight", "today only", "!!!"],
        ["cost"] = ["150p per msg", "18+ only", "standard rates", "to stop text STOP"],
        ["brand"] = ["Velora", "Quickpay", "Nordbank", "MobiStar", "Primefit"],
        ["account"] = ["account", "bank card", "mailbox", "subscription"],
        ["locked"] = ["has been locked", "was suspended", "expires today", "needs to be verified"],
        ["product"] = ["loans", "watches", "car insurance", "diet pills", "crypto", "printer ink"],
        ["money"] = ["£{digits}", "${digits}", "€{count}.99"],
        ["catch"] = ["credit check", "experience needed", "contract", "hidden fees"],
    };

    /// <summary>The messages, the same at each call.</summary>
    public static TextExamples Examples()
    {
        var random = new RandomStream(Seed, 0);
        var examples = new TextExamples(Name, ["the messages are synthetic: figures on them say nothing about real mail"]) { Item = "message" };
        while (examples.Count < Number)
        {
            bool isSpam = random.NextDouble() < SpamShare;
            string[] templates = random.NextDouble() < Vague ? s_vague : isSpam ? s_spam : s_ham;
            string text = Filled(Pick(templates, random), random);
            if (random.NextDouble() < Misspelt) text = Swapped(text, random);
            if (random.NextDouble() < Small) text = text.ToLowerInvariant();
            examples.Add(text, isSpam ? "spam" : "ham", $"message {examples.Count + 1}");
        }
        return examples;
    }

    private static string Filled(string template, RandomStream random)
    {
        while (template.IndexOf('{') is >= 0 and int first)
        {
            int last = template.IndexOf('}', first);
            string gap = template[(first + 1)..last];
            string filling = gap switch
            {
                "digits" => $"{100 + random.NextInt(900)}",
                "count" => $"{2 + random.NextInt(28)}",
                _ => Pick(s_gaps[gap], random),
            };
            template = template[..first] + filling + template[(last + 1)..];
        }
        return template;
    }

    // Two neighbouring characters change places.
    private static string Swapped(string text, RandomStream random)
    {
        int at = random.NextInt(text.Length - 1);
        return char.IsAsciiLetter(text[at]) && char.IsAsciiLetter(text[at + 1]) ? $"{text[..at]}{text[at + 1]}{text[at]}{text[(at + 2)..]}" : text;
    }

    private static string Pick(string[] from, RandomStream random) => from[random.NextInt(from.Length)];
}
