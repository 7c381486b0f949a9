"""What a password must be: long enough, and not one of those that everybody tries first."""

from typing import Any, Final

from flask_babel import gettext as _
from flask_security import PasswordUtil

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 256

ARGON2: Final = {"argon2__memory_cost": 19 * 1024, "argon2__time_cost": 2, "argon2__parallelism": 1}
"""19 MiB, two passes, one lane: OWASP's first recommendation for argon2id."""

COMMON: Final = frozenset(
    """
    00000000 000000000 0123456789 01234567 0987654321 1020304050 10203040 11111111 111111111 1111111111 11223344
    1122334455 112233445566 121212121212 12121212 123123123 12312312 123123qwe 123321123 12341234 1234512345 12345678
    123456789 1234567890 12345678910 123456789a 1234567899 123456abc 12345qwert 1234qwer 123654789 123698745 123qweasd
    123qweasdzxc 123456qwerty 147258369 147852369 159357456 18436572 19841984 19851985 19871987 1q2w3e4r 1q2w3e4r5t
    1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 20202020 21212121 22222222 23232323 25252525 31415926 33333333 44444444
    55555555 66666666 69696969 77777777 78945612 789456123 87654321 88888888 987654321 9876543210 98765432 99999999
    a1234567 a12345678 a123456789 a1b2c3d4 aa123456 aa12345678 aaaaaaaa abc12345 abc123456 abcd1234 abcdefgh abcdefghi
    access14 adidas123 admin123 admin1234 admin12345 administrator adminadmin alexander alexandra anderson angel123
    asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfghjkl1 asdfjkl; azertyuiop babygirl babygirl1 backpack barcelona
    baseball baseball1 basketball batman123 bigdaddy blink182 bluebird butterfly caroline champion changeme changeme1
    changeme123 charlie1 charlotte chelsea1 chocolate chocolate1 christian christina christine christmas cocacola
    computer computer1 consumer courtney creative danielle default1 diamond1 dolphins dragon12 dragon123 einstein
    elephant elizabeth everton1 explorer facebook fernando fireball football football1 football123 forever1 frank123
    freedom1 fuckyou1 fuckyou2 gabriel1 gateway1 godzilla goldfish goodluck google123 guitar123 handsome hardcore
    harley01 hello123 hello1234 hellokitty helloworld homework ihateyou iloveyou iloveyou1 iloveyou12 iloveyou2
    iloveyou3 infinity internet isabella jackson1 jasmine1 jennifer jennifer1 jessica1 jonathan jordan23 juventus
    katherine kimberly kristina lastfm11 letmein1 letmein12 letmein123 liverpool liverpool1 login123 london12 lovelove
    loveyou1 madison1 manchester margaret marlboro maryjane master12 master123 matrix12 maverick mercedes michael1
    michelle michelle1 midnight midnight1 mike1234 million2 monkey12 monkey123 morgan12 motorola mountain mustang1
    myspace1 nicholas nicole12 nintendo oblivion 0password p@ssw0rd p@ssword p@55w0rd pa$$word pa55word pa55w0rd
    pass1234 pass12345 passpass passw0rd passw0rd1 password password! password0 password00 password01 password1
    password1! password10 password11 password12 password123 password123! password1234 password2 password3 password9
    patrick1 platinum playstation pokemon1 pokemon123 precious princess princess1 princess12 princess123 qazwsx123
    qazwsxedc qazxswedc q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qq123456 qwer1234 qwerasdf qweasd123 qweasdzxc qweqweqwe
    qwerqwer qwert123 qwert1234 qwert12345 qwertyui qwertyuio qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345
    qwerty123456 rainbow1 richard1 robinson rocknroll rolltide romashka samantha samsung1 samsung123 scarface scorpion
    secret123 security sebastian serenity shadow12 shadow123 simpsons skateboard slipknot snickers snowball softball
    something spiderman spiderman1 spongebob standard starcraft stargate startrek starwars starwars1 steelers stephanie
    sunflower sunshine sunshine1 sunshine12 superman superman1 superman123 superstar sweetheart sweetpea swordfish
    tennis12 test1234 test12345 testing1 testing123 testtest thailand thunder1 tigger12 tinkerbell trustno1 trustno12
    trustnoone undertaker universal vampire1 vanessa1 veronica victoria victoria1 volleyball warcraft webmaster
    welcome1 welcome12 welcome123 welcome1! westside whatever whatever1 william1 wordpass xbox3601 yamaha12 yankees1
    yellow12 zaq12wsx zaq1zaq1 zaq1xsw2 zxcvbnm1 zxcvbnm123 zxcvbnmz zxcvasdf zxc12345 demodemo gigneo123
    """.split()  # noqa: SIM905
)


def password_faults(password: str, own_words: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong with a new password, for the person who chose it.

    Args:
        password: normalised.
        own_words: the person's e-mail address and name, which must not be the password.
    """
    if len(password) < MIN_LENGTH:
        return [_("Use at least %(count)d characters.", count=MIN_LENGTH)]
    if len(password) > MAX_LENGTH:
        return [_("Use at most %(count)d characters.", count=MAX_LENGTH)]
    lowered = password.lower()
    if lowered in COMMON or len(set(lowered)) < 3:
        return [_("This password is one of those that are tried first. Choose another one.")]
    if lowered in {word.lower() for word in own_words if word}:
        return [_("Your name or address is too easy to guess as a password. Choose another one.")]
    return []


class Passwords(PasswordUtil):
    """Flask-Security's door to our rules."""

    def validate(self, password: str, is_register: bool, **context: Any) -> tuple[list[str] | None, str]:
        """Normalise a new password and judge it.

        Args:
            password: as typed.
            is_register: whether an account is being made.
            context: the form's fields, or ``user``.

        Returns:
            What is wrong, or ``None``; and the normalised password.
        """
        normalised: str = self.normalize(password)
        user = context.get("user")
        email = getattr(user, "email", None) or context.get("email") or ""
        name = getattr(user, "name", None) or context.get("name") or ""
        return password_faults(normalised, (email, email.partition("@")[0], name)) or None, normalised
