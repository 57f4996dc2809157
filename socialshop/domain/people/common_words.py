"""Words and phrases that passwords are most often made of, in English and Bahasa Indonesia; lower case, letters only.

A password that is one of these with digits around it, or one of them repeated, is guessed in the first minutes.
"""

WORDS = frozenset(
    """
    abc access account admin administrator aku akucinta akucintakamu alhamdulillah allah allahuakbar america amanda amerika
    andrea andrew angel angels anjing anthony apple arsenal ashley asu asus babygirl bahagia bali bandung barcelona
    baseball basketball batman beautiful bismillah bismillahirrahmanirrahim blessed bola bunga butterfly buttercup changeme
    charlie cheese chelsea chocolate christian cinta cintaku cintakamu coffee computer cookie cowok creator daniel dragon
    default doraemon dolphin facebook family ferrari flower football forever freedom friends gajah ganteng garuda
    generic ginger google gundam guest guitar hallo hannah happy harley hello hellokitty heaven hunter iloveyou ilovegod
    ilovejesus indah indonesia indonesiaraya instagram internet iphone jakarta jasmine jessica jesus jokowi jordan joshua
    justin kamu katasandi kepo keluarga keren kirana kopi kreator kucing letmein letmeinnow liverpool liverpoolfc
    login london lovely loveme loveyou lovers lupa lupapassword madrid manchester manchesterunited manager mancing manis
    marketing master masuk maudong maverick matahari mercedes merdeka merek michael michelle microsoft minecraft
    monkey mother mustang myspace naruto narutouzumaki newyork nicole nothing office orange parola pass passwd passphrase
    password passwordku passwords passw pemilik pepper pertama persebaya persib persija pikachu pokemon police princess
    private purple putri qazwsx qwerty qwertyuiop rahasia rahasiaku rahmat realmadrid robert root sahabat samsung sandi
    sangatrahasia sayang sayangku sayangkamu secret secretpassword selamat selamatdatang semangat semarang server service
    shadow shopee singapore siti slipknot soccer spiderman spongebob starwars strongpassword sukses sunshine superman
    superstar surabaya surya system telkomsel temporary terserah test testing testtest thomas tiger tiktok tokopedia tweety
    twitter user username victoria wahyu warcraft webmaster welcome welcomeback whatever whatsapp william windows winner
    wonderful yamaha yogyakarta youtube
    """.split()  # noqa: SIM905  # a hundred quotes would hide the words
)

PHRASES = frozenset(
    {
        "correcthorsebatterystaple", "correct horse battery staple", "correct-horse-battery-staple",
        "thequickbrownfox", "the quick brown fox", "thequickbrownfoxjumps", "the quick brown fox jumps over the lazy dog",
        "tobeornottobethatisthequestion", "tobeornottobe", "to be or not to be", "maytheforcebewithyou",
        "may the force be with you",
        "iloveyousomuch", "i love you so much", "iloveyouforever", "i love you forever", "iloveyouverymuch", "ihavenoidea",
        "thisismypassword", "this is my password", "thisisapassword", "mypasswordissecret", "thepasswordispassword",
        "nopasswordneeded", "enterpasswordhere", "pleaseletmein", "please let me in", "forgotmypassword", "idontknowmypassword",
        "inipasswordku", "inipasswordsaya", "ini password saya", "akucintakamuselamanya", "aku cinta kamu selamanya",
        "aku sayang kamu",
        "akusayangkamu", "akusayangkamuselamanya", "akucintaindonesia", "aku cinta indonesia", "bhinnekatunggalika",
        "bhinneka tunggal ika", "indonesiatanahairku", "indonesia tanah airku", "lailahaillallah", "assalamualaikum",
        "assalamu alaikum",
        "subhanallahwabihamdihi", "alhamdulillahirabbilalamin", "abcdefg1234567", "abcd1234abcd1234", "1234567890qwertyuiop",
        "qwertyuiop1234567890", "qwertyuiop123456", "abc123abc123abc", "asdfghjkl123456", "a1b2c3d4e5f6g7h8", "1a2b3c4d5e6f7g8h",
        "zxcvbnm123456789", "123456789qwerty", "123456789abcdef", "q1w2e3r4t5y6u7i8", "111111222222333", "112233445566778",
        "p@ssw0rdp@ssw0rd", "trustno1trustno1", "administrator123", "passwordpassword", "welcome123456789",
    }
)  # fmt: skip
